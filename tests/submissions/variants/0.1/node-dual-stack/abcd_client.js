// Exercise 0.1: send the single byte A to UDP port 20000 of this host.
const dgram = require("dgram");

const client = dgram.createSocket("udp4");
client.on("message", (answer) => {
  console.log(answer.toString());
  client.close();
});
client.send("A", 20000, "localhost");
