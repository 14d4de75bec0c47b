// Exercise 1.2 with a plain socket.
const net = require("net");

const socket = net.connect(80, "httpbin.org", () => {
  socket.write("GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n");
});
socket.on("data", (chunk) => process.stdout.write(chunk));
socket.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
