package dev.holdfast.application.planted;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Uses a library. */
final class LoggingUseCase {
    static final Logger LOG = LoggerFactory.getLogger(LoggingUseCase.class);

    private LoggingUseCase() {}
}
