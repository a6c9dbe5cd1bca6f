// SPDX-License-Identifier: MIT
// Taking back what is half done when a signal ends the program.
#ifndef INTERRUPT_H
#define INTERRUPT_H

// From now on the signals that end a program, other than those of its own faults and real-time
// ones, call UNDO before they do, unless they are ignored; it may only call what signal-safety(7)
// lists, and system calls.
void interrupt_undo(void (*undo)(void));

// Keeps these signals waiting until interrupt_release, so that what is made and the note that it is
// to be undone are one step.
void interrupt_hold(void);
void interrupt_release(void);

#endif
