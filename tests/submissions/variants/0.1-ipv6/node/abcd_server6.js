// Exercise 0.1 over IPv6: answer every datagram to UDP port 20000 with ABCD.
const dgram = require("dgram");

const server = dgram.createSocket({ type: "udp6", ipv6Only: true });
server.on("message", (message, client) => {
  console.log(`[${client.address}]:${client.port} ${message}`);
  server.send("ABCD", client.port, client.address);
});
server.bind(20000);
