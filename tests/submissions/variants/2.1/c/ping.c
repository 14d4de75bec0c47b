/* Exercise 2.1: one ICMP echo request to 8.8.8.8. */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint16_t checksum(const void *data, size_t words)
{
    const uint16_t *word = data;
    uint32_t sum = 0;
    while (words--)
        sum += *word++;
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)~(sum + (sum >> 16));
}

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct icmphdr request = {.type = ICMP_ECHO};
    char buffer[2048], text[INET_ADDRSTRLEN];
    int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

    if (s < 0) {
        perror("socket");
        return 2;
    }
    inet_pton(AF_INET, "8.8.8.8", &to.sin_addr);
    request.un.echo.id = htons(getpid() & 0xffff ? getpid() & 0xffff : 1);
    request.un.echo.sequence = htons(1);
    request.checksum = checksum(&request, sizeof request / 2);
    sendto(s, &request, sizeof request, 0, (struct sockaddr *)&to, sizeof to);

    struct pollfd wait = {.fd = s, .events = POLLIN};
    for (long end = now_ms() + 2000, left; (left = end - now_ms()) > 0;) {
        if (poll(&wait, 1, (int)left) <= 0)
            break;
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t size = recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
        struct icmphdr *reply = (struct icmphdr *)(buffer + ((struct iphdr *)buffer)->ihl * 4);
        if (size < 28 || reply->type != ICMP_ECHOREPLY || reply->un.echo.id != request.un.echo.id)
            continue;
        printf("8 bytes back, source %s\n", inet_ntop(AF_INET, &from.sin_addr, text, sizeof text));
        return 0;
    }
    fputs("timeout\n", stderr);
    return 1;
}
