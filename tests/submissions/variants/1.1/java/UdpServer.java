import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/** Exercise 1.1: print every datagram that reaches UDP port 8000 of the loopback address. */
public class UdpServer {
    public static void main(String[] arguments) throws Exception {
        try (DatagramSocket server = new DatagramSocket(8000, InetAddress.getByName("127.0.0.1"))) {
            DatagramPacket packet = new DatagramPacket(new byte[1024], 1024);
            while (true) {
                packet.setLength(1024);
                server.receive(packet);
                String text = new String(packet.getData(), 0, packet.getLength());
                System.out.println("[" + packet.getPort() + "] " + text);
            }
        }
    }
}
