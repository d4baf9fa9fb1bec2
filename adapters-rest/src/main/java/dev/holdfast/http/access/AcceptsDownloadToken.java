package dev.holdfast.http.access;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says of a route that {@code ?token=} may stand in for the Authorization header. Whoever is let in so has shown only
 * that they hold some download token: the route itself has to ask {@link DownloadLinks} what it is for.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface AcceptsDownloadToken {}
