/**
 * The test kit: contract kits of the ports, fixtures, in-memory doubles, a settable clock and certificate files.
 *
 * <p>They are in the packages of the ports, because some of them use package-private types. All tests of the module
 * {@code application} are in this module's {@code src/test}: they need the doubles, the doubles need the application, and
 * Maven allows no circle between two modules.
 */
@NullMarked
package dev.holdfast.application;

import org.jspecify.annotations.NullMarked;
