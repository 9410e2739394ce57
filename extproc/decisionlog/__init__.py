"""What was decided and what came of it, as JSON lines on the disk.

lines     the schema
files     the files of one process, bounded
writer    a thread that writes, so that no request waits for a disk
reading   what the commands read
"""
