package dev.holdfast.application.backup;

import dev.holdfast.application.archive.UnpackLimits;

/**
 * What is taken in from outside.
 *
 * @param mostBytes of one upload
 * @param unfolded how much an archive from outside may unfold to
 */
public record UploadRules(long mostBytes, UnpackLimits unfolded) {}
