// Exercise 1.1: print every datagram that reaches UDP port 8000 of the loopback address.
const dgram = require("dgram");

const server = dgram.createSocket("udp4");
server.on("message", (message, sender) => {
  console.error(`${message} (from ${sender.address}:${sender.port})`);
});
server.bind(8000, "127.0.0.1");
