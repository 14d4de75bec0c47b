import java.net.DatagramPacket;
import java.net.DatagramSocket;

/** Exercise 0.1: answer every datagram to UDP port 20000 with ABCD. */
public class AbcdServer {
    public static void main(String[] arguments) throws Exception {
        try (DatagramSocket server = new DatagramSocket(20000)) {
            byte[] answer = {'A', 'B', 'C', 'D'};
            while (true) {
                DatagramPacket request = new DatagramPacket(new byte[2048], 2048);
                server.receive(request);
                String text = new String(request.getData(), 0, request.getLength());
                System.out.println(request.getSocketAddress() + ": " + text);
                server.send(new DatagramPacket(answer, answer.length, request.getSocketAddress()));
            }
        }
    }
}
