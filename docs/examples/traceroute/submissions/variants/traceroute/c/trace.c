#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(33434)};
    int s = socket(AF_INET, SOCK_DGRAM, 0), on = 1, arrived = 0;
    if (argc != 2 || inet_pton(AF_INET, argv[1], &target.sin_addr) != 1)
        return 2;
    setsockopt(s, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    for (int hop = 1; hop <= 30 && !arrived; hop++) {
        char control[512], data[64], shown[INET_ADDRSTRLEN] = "*";
        struct iovec part = {data, sizeof data};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct pollfd ready = {s, 0, 0};
        setsockopt(s, IPPROTO_IP, IP_TTL, &hop, sizeof hop);
        sendto(s, "probe", 5, 0, (void *)&target, sizeof target);
        if (poll(&ready, 1, 1000) > 0 && recvmsg(s, &message, MSG_ERRQUEUE) >= 0)
            for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
                if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) {
                    struct sock_extended_err *error = (void *)CMSG_DATA(c);
                    struct sockaddr_in *from = (void *)SO_EE_OFFENDER(error);
                    inet_ntop(AF_INET, &from->sin_addr, shown, sizeof shown);
                    arrived = error->ee_type == ICMP_DEST_UNREACH;
                }
        printf("%2d  %s\n", hop, shown);
    }
    return 0;
}
