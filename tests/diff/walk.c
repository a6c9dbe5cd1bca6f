// SPDX-License-Identifier: MIT
// walk: every segment of the namespace as SHM_STAT_ANY tells it, a line each, with tabs between
// the numbers; the first line names them.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/shm.h>
#include <unistd.h>

static void print_segment(int id, const struct shmid_ds *ds)
{
    const struct ipc_perm *perm = &ds->shm_perm;
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), size = ds->shm_segsz;

    printf("%d\t%d\t%u\t%ju\t%d\t%d\t%ju\t", perm->__key, id, (unsigned)perm->mode, (uintmax_t)size,
           ds->shm_cpid, ds->shm_lpid, (uintmax_t)ds->shm_nattch);
    printf("%u\t%u\t%u\t%u\t", perm->uid, perm->gid, perm->cuid, perm->cgid);
    printf("%jd\t%jd\t%jd\t", (intmax_t)ds->shm_atime, (intmax_t)ds->shm_dtime,
           (intmax_t)ds->shm_ctime);
    printf("%ju\t%u\n", (uintmax_t)((size - 1) / page + 1), (unsigned)perm->__seq);
}

int main(void)
{
    struct shm_info info;
    const int highest = shmctl(0, SHM_INFO, (struct shmid_ds *)&info);

    puts("key\tid\tperms\tsize\tcpid\tlpid\tnattch\tuid\tgid\tcuid\tcgid\tatime\tdtime\tctime\t"
         "pages\tseq");
    for (int index = 0; index <= highest; index++) {
        struct shmid_ds ds;
        const int id = shmctl(index, SHM_STAT_ANY, &ds);

        if (id >= 0) {
            print_segment(id, &ds);
        } else if (errno != EINVAL) {
            perror("SHM_STAT_ANY");
            return 1;
        }
    }
    return 0;
}
