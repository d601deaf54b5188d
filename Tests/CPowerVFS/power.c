#include "power.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, PATH_SIZE = 1024 };

/// One change that no sync has covered yet. `bytes` is NULL for a truncation to `offset`.
struct change {
    struct change *next;
    int64_t offset, length;
    uint8_t *bytes;
};

/// One file: what the disk holds for certain, and what it may hold besides.
struct node {
    struct node *next;
    char path[PATH_SIZE];
    int is_named;             // its name in the directory is on the disk
    int is_removed;           // removed, and the removal is not on the disk
    uint8_t *bytes;
    int64_t size;
    struct change *first, **last;
};

struct power_supply {
    struct power_supply *next;
    char root[PATH_SIZE], images[PATH_SIZE];
    uint64_t random;
    int interval, loses_syncs, is_normal;
    int64_t mark;
    int image_count, image_room;
    int64_t *marks;
    struct node *nodes;
};

struct file {
    sqlite3_file base;
    struct power_supply *supply;  // NULL: passes through
    struct node *node;
    int syncs_directory;          // its first sync covers the directory too, as in os_unix.c
    sqlite3_file real[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct power_supply *supplies;
static sqlite3_vfs *system_vfs;
static sqlite3_vfs power_vfs;

static uint64_t next_random(struct power_supply *supply) {  // SplitMix64
    uint64_t value = supply->random += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static void *room(void *old, size_t size) {
    void *memory = realloc(old, size ? size : 1);
    if (!memory) abort();
    return memory;
}

// MARK: What is on the disk

static void put(uint8_t **bytes, int64_t *size, int64_t offset, const uint8_t *from, int64_t length) {
    if (offset + length > *size) {
        *bytes = room(*bytes, (size_t)(offset + length));
        memset(*bytes + *size, 0, (size_t)(offset + length - *size));
        *size = offset + length;
    }
    memcpy(*bytes + offset, from, (size_t)length);
}

static void cut(uint8_t **bytes, int64_t *size, int64_t to) {
    if (to < *size) *size = to;
    else if (to > *size) {
        *bytes = room(*bytes, (size_t)to);
        memset(*bytes + *size, 0, (size_t)(to - *size));
        *size = to;
    }
}

static void note(struct node *node, int64_t offset, const void *bytes, int64_t length) {
    struct change *change = room(NULL, sizeof *change);
    *change = (struct change){.offset = offset, .length = length};
    if (bytes) {
        change->bytes = room(NULL, (size_t)length);
        memcpy(change->bytes, bytes, (size_t)length);
    }
    *node->last = change;
    node->last = &change->next;
}

static void forget_changes(struct node *node, int keeps) {
    for (struct change *change = node->first, *next; change; change = next) {
        next = change->next;
        if (keeps && change->bytes) put(&node->bytes, &node->size, change->offset, change->bytes, change->length);
        else if (keeps) cut(&node->bytes, &node->size, change->offset);
        free(change->bytes);
        free(change);
    }
    node->first = NULL;
    node->last = &node->first;
}

/// The directory is on the disk: names of new files are, names of removed ones are not.
static void sync_directory(struct power_supply *supply) {
    for (struct node **place = &supply->nodes; *place;) {
        struct node *node = *place;
        node->is_named = 1;
        if (node->is_removed == 1) {
            forget_changes(node, 0);
            node->is_removed = 2;  // gone for good; an open handle may still point here
        }
        place = &node->next;
    }
}

// MARK: The power fails

static void write_image(struct power_supply *supply, struct node *node, const char *folder) {
    // How much of what was not synced is there: nothing, everything, each sector or not, or the older part of it.
    int way = (int)(next_random(supply) % 4), share = (int)(next_random(supply) % 100), ended = 0;
    uint8_t *bytes = room(NULL, (size_t)node->size);
    int64_t size = node->size;
    memcpy(bytes, node->bytes, (size_t)size);
    for (struct change *change = node->first; change; change = change->next) {
        if (way == 3 && (int)(next_random(supply) % 100) >= share + (100 - share) / 2) ended = 1;
        if (!change->bytes) {
            if (way == 1 || (way == 2 && next_random(supply) % 2) || (way == 3 && !ended)) cut(&bytes, &size, change->offset);
            continue;
        }
        for (int64_t at = change->offset, end = change->offset + change->length, stop; at < end; at = stop) {
            stop = at / SECTOR * SECTOR + SECTOR;
            if (stop > end) stop = end;
            if (way == 1 || (way == 2 && (int)(next_random(supply) % 100) < share) || (way == 3 && !ended))
                put(&bytes, &size, at, change->bytes + (at - change->offset), stop - at);
        }
    }
    char path[PATH_SIZE * 2 + 32];
    const char *name = strrchr(node->path, '/');
    snprintf(path, sizeof path, "%s%s", folder, name ? name : "/file");
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (descriptor < 0 || write(descriptor, bytes, (size_t)size) != size) abort();
    close(descriptor);
    free(bytes);
}

static void take_image(struct power_supply *supply) {
    char folder[PATH_SIZE + 32];
    if (supply->image_count == supply->image_room) {
        supply->image_room = supply->image_room * 2 + 64;
        supply->marks = room(supply->marks, sizeof(int64_t) * (size_t)supply->image_room);
    }
    supply->marks[supply->image_count++] = supply->mark;
    snprintf(folder, sizeof folder, "%s/%d", supply->images, supply->image_count);
    if (mkdir(folder, 0700) != 0) abort();
    // The newest file of a name is first in the list: an older one is there only when the newer is not.
    for (struct node *node = supply->nodes; node; node = node->next) {
        int is_there = node->is_removed == 0 ? node->is_named || next_random(supply) % 2 : node->is_removed == 1 && next_random(supply) % 2;
        for (struct node *newer = supply->nodes; newer != node; newer = newer->next)
            if (strcmp(newer->path, node->path) == 0 && newer->is_removed == 0 && newer->is_named) is_there = 0;
        if (is_there) write_image(supply, node, folder);
    }
}

/// Before each change.
static void pass_time(struct power_supply *supply) {
    if (supply->interval > 0 && next_random(supply) % (uint64_t)supply->interval == 0) take_image(supply);
}

// MARK: Files

#define REAL(file) ((struct file *)(file))->real
#define CALL(file, method, ...) REAL(file)->pMethods->method(REAL(file), ##__VA_ARGS__)

static int power_close(sqlite3_file *file) { return CALL(file, xClose); }
static int power_read(sqlite3_file *file, void *to, int count, sqlite3_int64 at) { return CALL(file, xRead, to, count, at); }
static int power_size(sqlite3_file *file, sqlite3_int64 *size) { return CALL(file, xFileSize, size); }
static int power_lock(sqlite3_file *file, int level) { return CALL(file, xLock, level); }
static int power_unlock(sqlite3_file *file, int level) { return CALL(file, xUnlock, level); }
static int power_reserved(sqlite3_file *file, int *is) { return CALL(file, xCheckReservedLock, is); }
static int power_sector(sqlite3_file *file) { return CALL(file, xSectorSize); }
static int power_traits(sqlite3_file *file) { return CALL(file, xDeviceCharacteristics); }
static int power_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **to) { return CALL(file, xShmMap, page, size, extend, to); }
static int power_shm_lock(sqlite3_file *file, int at, int count, int flags) { return CALL(file, xShmLock, at, count, flags); }
static void power_shm_barrier(sqlite3_file *file) { CALL(file, xShmBarrier); }
static int power_shm_unmap(sqlite3_file *file, int removes) { return CALL(file, xShmUnmap, removes); }

static int power_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at) {
    struct file *own = (struct file *)file;
    if (!own->supply) return CALL(file, xWrite, bytes, count, at);
    pthread_mutex_lock(&lock);
    pass_time(own->supply);
    int result = CALL(file, xWrite, bytes, count, at);
    if (result == SQLITE_OK) note(own->node, at, bytes, count);
    pthread_mutex_unlock(&lock);
    return result;
}

static int power_truncate(sqlite3_file *file, sqlite3_int64 size) {
    struct file *own = (struct file *)file;
    if (!own->supply) return CALL(file, xTruncate, size);
    pthread_mutex_lock(&lock);
    pass_time(own->supply);
    int result = CALL(file, xTruncate, size);
    if (result == SQLITE_OK) note(own->node, size, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

static int power_sync(sqlite3_file *file, int flags) {
    struct file *own = (struct file *)file;
    if (!own->supply) return CALL(file, xSync, flags);
    pthread_mutex_lock(&lock);
    pass_time(own->supply);
    int result = SQLITE_OK;
    if (!own->supply->loses_syncs) {
        // The real file needs none: what the disk holds is told here.
        forget_changes(own->node, 1);
        if (own->syncs_directory) sync_directory(own->supply);
        own->syncs_directory = 0;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

static int power_control(sqlite3_file *file, int operation, void *argument) {
    struct file *own = (struct file *)file;
    if (operation == SQLITE_FCNTL_PRAGMA && own->supply && own->supply->is_normal) {
        char **texts = argument;
        if (texts[2] && strcasecmp(texts[1], "synchronous") == 0 && strcasecmp(texts[2], "FULL") == 0) strcpy(texts[2], "1");
    }
    return CALL(file, xFileControl, operation, argument);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = power_close, .xRead = power_read, .xWrite = power_write, .xTruncate = power_truncate, .xSync = power_sync,
    .xFileSize = power_size, .xLock = power_lock, .xUnlock = power_unlock, .xCheckReservedLock = power_reserved, .xFileControl = power_control,
    .xSectorSize = power_sector, .xDeviceCharacteristics = power_traits, .xShmMap = power_shm_map, .xShmLock = power_shm_lock,
    .xShmBarrier = power_shm_barrier, .xShmUnmap = power_shm_unmap,
};

// MARK: The VFS

static struct power_supply *supply_of(const char *path) {
    const char *end = path ? strrchr(path, '/') : NULL;
    if (!end) return NULL;
    for (struct power_supply *supply = supplies; supply; supply = supply->next)
        if (strlen(supply->root) == (size_t)(end - path) && strncmp(supply->root, path, (size_t)(end - path)) == 0) return supply;
    return NULL;
}

static struct node *node_of(struct power_supply *supply, const char *path, int was_there) {
    for (struct node *node = supply->nodes; node; node = node->next)
        if (!node->is_removed && strcmp(node->path, path) == 0) return node;
    struct node *node = room(NULL, sizeof *node);
    *node = (struct node){.is_named = was_there, .next = supply->nodes};
    snprintf(node->path, sizeof node->path, "%s", path);
    node->last = &node->first;
    node->bytes = room(NULL, 1);
    if (was_there) {
        int descriptor = open(path, O_RDONLY);
        struct stat status;
        if (descriptor >= 0 && fstat(descriptor, &status) == 0) {
            node->bytes = room(node->bytes, (size_t)status.st_size);
            node->size = read(descriptor, node->bytes, (size_t)status.st_size);
            if (node->size < 0) node->size = 0;
        }
        // Not closed where SQLite may hold POSIX locks on the same file: closing would let them go. It was not open before.
        if (descriptor >= 0) close(descriptor);
    }
    supply->nodes = node;
    return node;
}

static int power_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    struct file *own = (struct file *)file;
    memset(own, 0, sizeof *own);
    pthread_mutex_lock(&lock);
    int kinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    struct power_supply *supply = flags & kinds ? supply_of(name) : NULL;
    struct node *node = NULL;
    if (supply) {
        int was_there = access(name, F_OK) == 0;
        if (!was_there) pass_time(supply);
        if (was_there) node = node_of(supply, name, 1);
    }
    int result = system_vfs->xOpen(system_vfs, name, own->real, flags, out);
    if (result == SQLITE_OK && supply && !node) node = node_of(supply, name, 0);
    if (own->real->pMethods) own->base.pMethods = &methods;
    own->supply = supply;
    own->node = node;
    own->syncs_directory = (flags & SQLITE_OPEN_CREATE) && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));
    pthread_mutex_unlock(&lock);
    return result;
}

static int power_delete(sqlite3_vfs *vfs, const char *name, int syncs_directory) {
    (void)vfs;
    pthread_mutex_lock(&lock);
    struct power_supply *supply = supply_of(name);
    if (supply) pass_time(supply);
    int result = system_vfs->xDelete(system_vfs, name, 0);
    if (supply && result == SQLITE_OK) {
        for (struct node *node = supply->nodes; node; node = node->next)
            if (!node->is_removed && strcmp(node->path, name) == 0) node->is_removed = 1;
        if (syncs_directory && !supply->loses_syncs) sync_directory(supply);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int power_install(void) {
    pthread_mutex_lock(&lock);
    int result = SQLITE_OK;
    if (!system_vfs && (result = sqlite3_initialize()) == SQLITE_OK) {
        system_vfs = sqlite3_vfs_find(NULL);
        power_vfs = *system_vfs;
        power_vfs.zName = "power";
        power_vfs.pNext = NULL;
        power_vfs.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
        power_vfs.xOpen = power_open;
        power_vfs.xDelete = power_delete;
        result = sqlite3_vfs_register(&power_vfs, 1);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

power_supply *power_watch(const char *root, const char *images, uint64_t seed) {
    struct power_supply *supply = room(NULL, sizeof *supply);
    *supply = (struct power_supply){.random = seed};
    snprintf(supply->root, sizeof supply->root, "%s", root);
    snprintf(supply->images, sizeof supply->images, "%s", images);
    pthread_mutex_lock(&lock);
    supply->next = supplies;
    supplies = supply;
    pthread_mutex_unlock(&lock);
    return supply;
}

#define LOCKED(statement) pthread_mutex_lock(&lock); statement; pthread_mutex_unlock(&lock)

void power_fail_every(power_supply *supply, int interval) { LOCKED(supply->interval = interval); }
void power_acknowledge(power_supply *supply, int64_t mark) { LOCKED(supply->mark = mark); }
void power_plant_lost_syncs(power_supply *supply, int is_planted) { LOCKED(supply->loses_syncs = is_planted); }
void power_plant_normal(power_supply *supply, int is_planted) { LOCKED(supply->is_normal = is_planted); }

int power_image_count(power_supply *supply) {
    LOCKED(int count = supply->image_count);
    return count;
}

int64_t power_image_mark(power_supply *supply, int image) {
    LOCKED(int64_t mark = supply->marks[image - 1]);
    return mark;
}
