#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    for (int port = atoi(argv[2]); port <= atoi(argv[3]); port++) {
        struct sockaddr_in host = {.sin_family = AF_INET, .sin_port = htons(port)};
        int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0;
        socklen_t size = sizeof error;
        struct pollfd ready = {s, POLLOUT, 0};
        inet_pton(AF_INET, argv[1], &host.sin_addr);
        connect(s, (void *)&host, sizeof host);
        if (poll(&ready, 1, 700) == 1 && getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
            printf("%d open\n", port);
        close(s);
    }
    return 0;
}
