/* Exercise 1.1 over IPv6: one datagram over a connected socket. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    const char *message = "Hello, World!";
    struct sockaddr_in6 server = {.sin6_family = AF_INET6, .sin6_port = htons(8000), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int client = socket(AF_INET6, SOCK_DGRAM, 0);

    if (client < 0 || connect(client, (struct sockaddr *)&server, sizeof server) < 0) {
        perror("connect");
        return 1;
    }
    if (send(client, message, strlen(message), 0) < 0) {
        perror("send");
        return 1;
    }
    close(client);
    return 0;
}
