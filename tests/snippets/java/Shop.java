package com.example.shop;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/** A program that reports what its handler fails with, or ends by an exception. */
public class Shop {
    static int total(String order) {
        return Integer.parseInt(order); // RAISED HERE
    }

    static class Odd {
        @Override
        public String toString() {
            throw new IllegalStateException("no text");
        }
    }

    public static void main(String[] words) throws Exception {
        ReportError.install();
        if (words.length > 0) {
            total("seven");
        }
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/orders/", exchange -> {
            try {
                total("seven");
            } catch (RuntimeException error) {
                if (System.getenv("PLAIN") == null) {
                    Map<String, Object> circle = new HashMap<>();
                    circle.put("name", "caf\u00e9 \"7\" \ud83d\ude00");
                    circle.put("list", java.util.List.of(1, 2.5, Double.NaN));
                    circle.put("odd", new Odd());
                    circle.put("self", java.util.List.of(circle));
                    ReportError.report(error, Map.of(
                        "url", exchange.getRequestURI().toString(),
                        "method", exchange.getRequestMethod(),
                        "user_id", "u_7",
                        "request_id", exchange.getRequestHeaders().getFirst("X-Request-Id"),
                        "circle", circle));
                }
                exchange.sendResponseHeaders(500, -1);
                exchange.close();
            }
        });
        server.start();
        System.out.println("listening " + server.getAddress().getPort());
    }
}
