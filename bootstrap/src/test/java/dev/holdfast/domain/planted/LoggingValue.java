package dev.holdfast.domain.planted;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Uses a library. */
final class LoggingValue {
    static final Logger LOG = LoggerFactory.getLogger(LoggingValue.class);

    private LoggingValue() {}
}
