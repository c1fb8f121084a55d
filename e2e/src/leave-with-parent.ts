// Preloaded into every app that a world starts: when the world's process is gone, also by kill -9, nothing stays behind.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();
