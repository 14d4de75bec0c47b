/* Exercise 1.1 over IPv6: print every datagram. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
    char message[2048], text[INET6_ADDRSTRLEN];
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(8000), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int server = socket(AF_INET6, SOCK_DGRAM, 0);

    if (server < 0 || bind(server, (struct sockaddr *)&here, sizeof here) < 0) {
        perror("bind");
        return 1;
    }
    for (;;) {
        struct sockaddr_in6 peer;
        socklen_t size = sizeof peer;
        ssize_t n = recvfrom(server, message, sizeof message, 0, (struct sockaddr *)&peer, &size);

        if (n < 0)
            continue;
        inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text);
        printf("[%s]:%d ", text, ntohs(peer.sin6_port));
        fwrite(message, 1, (size_t)n, stdout);
        putchar('\n');
        fflush(stdout);
    }
}
