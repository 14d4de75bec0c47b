import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/** Exercise 0.1: send the single byte A to UDP port 20000 of this host. */
public class AbcdClient {
    public static void main(String[] arguments) throws Exception {
        try (DatagramSocket client = new DatagramSocket()) {
            client.setSoTimeout(3000);
            client.send(new DatagramPacket(new byte[] {'A'}, 1, InetAddress.getByName("localhost"), 20000));
            DatagramPacket answer = new DatagramPacket(new byte[64], 64);
            client.receive(answer);
            System.out.println(new String(answer.getData(), 0, answer.getLength()));
        }
    }
}
