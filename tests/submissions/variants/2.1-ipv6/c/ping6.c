/* Exercise 2.1 over IPv6: one ICMPv6 echo request to fd00:77::1. */
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(void)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6};
    struct icmp6_hdr request = {.icmp6_type = ICMP6_ECHO_REQUEST}; /* the kernel writes the checksum */
    char buffer[2048], text[INET6_ADDRSTRLEN];
    int s = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);

    if (s < 0) {
        perror("socket");
        return 2;
    }
    inet_pton(AF_INET6, "fd00:77::1", &to.sin6_addr);
    request.icmp6_id = htons(getpid() & 0xffff ? getpid() & 0xffff : 1);
    request.icmp6_seq = htons(1);
    sendto(s, &request, sizeof request, 0, (struct sockaddr *)&to, sizeof to);

    struct pollfd wait = {.fd = s, .events = POLLIN};
    for (long end = now_ms() + 2000, left; (left = end - now_ms()) > 0;) {
        if (poll(&wait, 1, (int)left) <= 0)
            break;
        struct sockaddr_in6 from;
        socklen_t length = sizeof from;
        ssize_t size = recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
        struct icmp6_hdr *reply = (struct icmp6_hdr *)buffer;
        if (size < 8 || reply->icmp6_type != ICMP6_ECHO_REPLY || reply->icmp6_id != request.icmp6_id)
            continue;
        printf("8 bytes back, source %s\n", inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof text));
        return 0;
    }
    fputs("timeout\n", stderr);
    return 1;
}
