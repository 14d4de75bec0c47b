#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct frame {
    struct ether_header link;
    struct ether_arp arp;
} __attribute__((packed));

static int is_answer(const struct frame *reply, const void *wanted)
{
    return reply->arp.ea_hdr.ar_op == htons(ARPOP_REPLY) && memcmp(reply->arp.arp_spa, wanted, 4) == 0;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP));
    struct ifreq ifr = {0};
    strcpy(ifr.ifr_name, "eth0");
    struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP)};
    here.sll_ifindex = if_nametoindex("eth0");
    if (s < 0 || ioctl(s, SIOCGIFHWADDR, &ifr) < 0 || bind(s, (void *)&here, sizeof here) < 0) {
        perror("arp_request");
        return 1;
    }
    struct frame request = {0}, reply;
    memset(request.link.ether_dhost, 0xff, 6);
    memcpy(request.link.ether_shost, ifr.ifr_hwaddr.sa_data, 6);
    request.link.ether_type = htons(ETHERTYPE_ARP);
    request.arp.ea_hdr = (struct arphdr){htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), 6, 4, htons(ARPOP_REQUEST)};
    memcpy(request.arp.arp_sha, ifr.ifr_hwaddr.sa_data, 6);
    inet_pton(AF_INET, "10.77.0.2", request.arp.arp_spa);
    inet_pton(AF_INET, argv[1], request.arp.arp_tpa);
    for (int attempt = 0; attempt < 2; attempt++) {
        struct pollfd ready = {s, POLLIN, 0};
        send(s, &request, sizeof request, 0);
        while (poll(&ready, 1, 600) > 0) {
            if (recv(s, &reply, sizeof reply, 0) < (ssize_t)sizeof reply || !is_answer(&reply, request.arp.arp_tpa))
                continue;
            for (int i = 0; i < 6; i++)
                printf("%02x%s", reply.arp.arp_sha[i], i < 5 ? ":" : "\n");
            return 0;
        }
    }
    printf("no reply\n");
    return 1;
}
