package dev.holdfast.http.download;

import java.util.Map;
import java.util.Optional;

/**
 * How an API presents a backup's bytes, beside what HTTP prescribes.
 *
 * @param etag strong, with its quotes; empty if the API has none
 * @param always headers of every answer that tells of the backup, also of one without its bytes
 * @param withContent headers of the answers that stand for its bytes
 * @param severalRanges whether a request for several ranges gets them as {@code multipart/byteranges}, else the whole
 */
public record Presentation(
        Optional<String> etag, Map<String, String> always, Map<String, String> withContent, boolean severalRanges) {}
