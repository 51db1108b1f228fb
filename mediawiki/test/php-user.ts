/** www-data for root, else whoever runs the tests. */
export const phpUser =
  process.getuid?.() === 0
    ? { uid: 33, gid: 33 }
    : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
