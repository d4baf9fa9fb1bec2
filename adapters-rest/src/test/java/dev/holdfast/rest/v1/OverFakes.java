package dev.holdfast.rest.v1;

import io.micronaut.context.annotation.Property;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A test of the API over fakes: the framework starts one server for the class, and ends it. */
@MicronautTest
@Property(name = "fake.use-cases", value = "true")
@Property(name = "micronaut.server.host", value = "127.0.0.1")
@Property(name = "micronaut.server.port", value = "-1")
@Property(name = "micronaut.server.thread-selection", value = "BLOCKING")
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface OverFakes {}
