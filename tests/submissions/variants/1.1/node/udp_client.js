// Exercise 1.1: send one datagram to UDP port 8000 of the loopback address.
const dgram = require("dgram");

const client = dgram.createSocket("udp4");
client.send("Hello, World!", 8000, "127.0.0.1", () => client.close());
