// A plugin for QEMU that counts the instructions that a program executes, and prints their number when it ends.
// The few declarations are those of qemu-plugin.h, API version 1, which Debian does not package.
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

typedef uint64_t id;
struct block;
int qemu_plugin_version = 1;
void qemu_plugin_register_vcpu_tb_trans_cb(id, void (*)(id, struct block *));
void qemu_plugin_register_atexit_cb(id, void (*)(id, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct block *);
void qemu_plugin_register_vcpu_tb_exec_inline(struct block *, int add, void *, uint64_t);

static uint64_t executed;

static void translated(id self, struct block *b) {
  qemu_plugin_register_vcpu_tb_exec_inline(b, 0, &executed, qemu_plugin_tb_n_insns(b));
}

static void ended(id self, void *unused) { fprintf(stderr, "instructions %" PRIu64 "\n", executed); }

int qemu_plugin_install(id self, const void *info, int argc, char **argv) {
  qemu_plugin_register_vcpu_tb_trans_cb(self, translated);
  qemu_plugin_register_atexit_cb(self, ended, NULL);
  return 0;
}
