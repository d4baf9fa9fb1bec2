@NullMarked
package dev.holdfast.rest.request;

import org.jspecify.annotations.NullMarked;
