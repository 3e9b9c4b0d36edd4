"""Codes and flags of the lowered program, shared by the lowering and the kernels; append only, never renumber."""

LOAD, ADD, MULTIPLY, AFFINE, LAYER, GROUP = range(6)

# Bits of Instructions.flags: whether the left operand, the right operand and the result take only 0 and 1.
LEFT_BOOLEAN, RIGHT_BOOLEAN, RESULT_BOOLEAN = 1, 2, 4

# Codes of the bit instructions, for boolean programs that run 64 patterns to a word.
BIT_LOAD, BIT_AND, BIT_XOR, BIT_OBSERVE = range(4)

# Codes of the values that terms are made of: the gates of a program, and what cases add to them.
TERM_INPUT, TERM_AFFINE, TERM_PRODUCT, TERM_CONDITION, TERM_MIXTURE = range(5)
