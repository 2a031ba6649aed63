/* SPDX-License-Identifier: MIT */
/* gate.h - threads that wait for each other in a test, by an eventfd(2) for each thing to wait for. */
#ifndef SUPPORT_GATE_H
#define SUPPORT_GATE_H

/* Until it is told; fails when that takes too long. */
void gate_await(int fd);
void gate_tell(int fd);

#endif
