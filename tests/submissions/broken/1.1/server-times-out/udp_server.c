/* Exercise 1.1: print every datagram that reaches UDP port 8000 of the loopback address. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>

int main(void)
{
    static char message[1024];
    char text[INET_ADDRSTRLEN];
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(8000)};
    struct timeval patience = {.tv_sec = 4};
    int server = socket(AF_INET, SOCK_DGRAM, 0);

    inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
    if (server < 0 || bind(server, (struct sockaddr *)&here, sizeof here) < 0) {
        perror("udp_server");
        return 1;
    }
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (;;) {
        struct sockaddr_in sender;
        socklen_t size = sizeof sender;
        ssize_t length = recvfrom(server, message, sizeof message, 0, (struct sockaddr *)&sender, &size);

        if (length < 0) {
            perror("recvfrom");
            return 1;
        }
        inet_ntop(AF_INET, &sender.sin_addr, text, sizeof text);
        printf("From %s:%d: %.*s\n", text, ntohs(sender.sin_port), (int)length, message);
        fflush(stdout);
    }
}
