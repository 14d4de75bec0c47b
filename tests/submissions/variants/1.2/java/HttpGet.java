import java.io.OutputStream;
import java.net.Socket;

/** Exercise 1.2: fetch http://httpbin.org/get with a request written by hand. */
public class HttpGet {
    public static void main(String[] arguments) throws Exception {
        try (Socket socket = new Socket("httpbin.org", 80)) {
            OutputStream out = socket.getOutputStream();
            out.write("GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n".getBytes("US-ASCII"));
            socket.getInputStream().transferTo(System.out);
            System.out.flush();
        }
    }
}
