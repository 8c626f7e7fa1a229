/* What every peer in C shares: the thread's clock and the loop that answers lines `OPERATION SIZE MILLISECONDS`. */
#ifndef ANSWER_H
#define ANSWER_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef unsigned char byte;

/* Prepares an operation; 0 when the peer does not have it. */
int prepare(const char *name, size_t size);
/* Does it once. */
void call(void);

static void check(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "failed: %s\n", what);
        exit(1);
    }
}

static double thread_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double rate(double milliseconds)
{
    call();
    for (long calls = 1;; calls *= 2) {
        double begin = thread_seconds(), took;
        for (long i = 0; i < calls; i++)
            call();
        took = thread_seconds() - begin;
        if (took >= milliseconds / 2e3)
            return (double)calls / took;
    }
}

/* One line; 0 when it is none of these. */
static int answer_rate(const char *line)
{
    char name[64];
    size_t size;
    double milliseconds;
    if (sscanf(line, "%63s %zu %lf", name, &size, &milliseconds) != 3)
        return 0;
    if (prepare(name, size))
        printf("%f\n", rate(milliseconds));
    else
        printf("-\n");
    fflush(stdout);
    return 1;
}
#endif
