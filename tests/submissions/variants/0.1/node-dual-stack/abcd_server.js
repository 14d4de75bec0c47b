// Exercise 0.1: answer every datagram to UDP port 20000 with ABCD.
const dgram = require("dgram");

const server = dgram.createSocket("udp6");
server.on("message", (message, client) => {
  console.log(`${client.address} port ${client.port}: ${message}`);
  server.send("ABCD", client.port, client.address);
});
server.bind(20000);
