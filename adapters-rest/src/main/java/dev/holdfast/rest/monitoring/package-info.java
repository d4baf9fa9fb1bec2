/**
 * What watches over the server: {@code /health/liveness}, {@code /health/readiness}, {@code /metrics}.
 *
 * <p>Needs beans of {@link dev.holdfast.rest.monitoring.Readiness} and {@link dev.holdfast.rest.monitoring.Metrics}.
 */
@NullMarked
package dev.holdfast.rest.monitoring;

import org.jspecify.annotations.NullMarked;
