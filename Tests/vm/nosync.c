/* The negative control's switch: with this preloaded, a program's flushes do nothing. No program of the product knows of it.
 * (The launcher is linked statically and cannot be preloaded; it never flushes.) */
int fsync(int descriptor) { return (void)descriptor, 0; }
int fdatasync(int descriptor) { return (void)descriptor, 0; }
int syncfs(int descriptor) { return (void)descriptor, 0; }
int sync_file_range(int descriptor, long long offset, long long length, unsigned flags)
{
    return (void)descriptor, (void)offset, (void)length, (void)flags, 0;
}
void sync(void) {}
