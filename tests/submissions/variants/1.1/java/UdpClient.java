import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/** Exercise 1.1: send one datagram to UDP port 8000 of the loopback address. */
public class UdpClient {
    public static void main(String[] arguments) throws Exception {
        byte[] message = "Hello, World!".getBytes("US-ASCII");
        try (DatagramSocket client = new DatagramSocket()) {
            client.send(new DatagramPacket(message, message.length, InetAddress.getByName("127.0.0.1"), 8000));
        }
    }
}
