/** What the tests of several modules share and what belongs to no port: other processes, receivers and clients. */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
