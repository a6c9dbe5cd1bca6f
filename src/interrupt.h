// SPDX-License-Identifier: MIT
// Taking back what is half done when a signal ends the program.
#ifndef INTERRUPT_H
#define INTERRUPT_H

// From now on SIGHUP, SIGINT, SIGPIPE and SIGTERM, unless ignored, call UNDO before they end the
// program; it may only call what signal-safety(7) lists, and system calls.
void interrupt_undo(void (*undo)(void));

// Keeps these signals waiting until interrupt_release, so that what is made and the note that it is
// to be undone are one step.
void interrupt_hold(void);
void interrupt_release(void);

#endif
