package dev.holdfast.endtoend.soak;

/** @param number which of the calls of the kind is the first that the fault concerns, from 1 */
record Fault(FaultKind kind, int number) {
    @Override
    public String toString() {
        return "call " + number + " of " + kind + " (" + kind.description() + ")";
    }
}
