// Exercise 1.1 over IPv6: print every datagram that reaches UDP port 8000 of ::1.
const dgram = require("dgram");

const server = dgram.createSocket("udp6");
server.on("message", (message, sender) => {
  console.error(`${message} (from [${sender.address}]:${sender.port})`);
});
server.bind(8000, "::1");
