package dev.holdfast.application.snapshot;

import java.nio.file.Path;

/**
 * One SQLite file of a source as it was at a moment.
 *
 * @param file as the source names it
 */
public record DatabaseImage(Path file, Image image) {}
