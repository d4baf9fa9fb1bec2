package dev.holdfast.grpc.planted;

import dev.holdfast.bootstrap.Holdfast;

/** Knows the program. */
final class StartingService {
    static final Class<?> PROGRAM = Holdfast.class;

    private StartingService() {}
}
