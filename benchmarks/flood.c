/* Sends COUNT numbered frames of SIZE bytes on packet socket FD at RATE frames a second, in batches of sendmmsg.
 *
 *     flood FD COUNT RATE SIZE
 *
 * Prints the frames sent and the nanoseconds that it took. A rate of 0 is as fast as it goes. It waits for the clock
 * by looking at it: a timer that wakes late would make up for it with a burst.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 32, LARGEST = 1514 };

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
    static unsigned char frames[BATCH][LARGEST];
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    if (argc != 5)
        return 2;
    int fd = atoi(argv[1]);
    long long count = atoll(argv[2]), sent = 0;
    double rate = atof(argv[3]);
    size_t size = (size_t)atoi(argv[4]);
    if (size < 60 || size > LARGEST)
        return 2;
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < BATCH; i++) {
        memcpy(frames[i], "\x02\x00\x0a\x4d\x00\x02\x02\x00\x0a\x4d\x00\x01\x88\xb6", 14);
        parts[i].iov_base = frames[i];
        parts[i].iov_len = size;
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    long long started = now();
    while (sent < count) {
        int batch = count - sent < BATCH ? (int)(count - sent) : BATCH;
        for (int i = 0; i < batch; i++) {
            long long number = sent + i;
            memcpy(frames[i] + 14, &number, sizeof number);
        }
        while (rate > 0 && (double)(now() - started) < (double)sent / rate * 1e9)
            ;
        int done = sendmmsg(fd, messages, (unsigned)batch, 0);
        if (done < 0) {
            perror("sendmmsg");
            return 1;
        }
        sent += done;
    }
    printf("%lld %lld\n", sent, now() - started);
    return 0;
}
