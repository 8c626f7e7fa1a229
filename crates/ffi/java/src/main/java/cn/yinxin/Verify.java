package cn.yinxin;

import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Verifies files: {@code java cn.yinxin.Verify TRUST-DIR FILE...}; prints each verdict. */
public final class Verify {
    private Verify() {}

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: Verify TRUST-DIR FILE...");
            System.exit(2);
        }
        try (Yinxin yinxin = new Yinxin(args[0])) {
            // Two threads at once: a handle is shared, as a server would.
            ExecutorService threads = Executors.newFixedThreadPool(2);
            for (int i = 1; i < args.length; i++) {
                byte[] content = Files.readAllBytes(Paths.get(args[i]));
                Future<String> again = threads.submit(() -> yinxin.verify(content));
                String report = yinxin.verify(content);
                if (!verdict(again.get()).equals(verdict(report))) throw new AssertionError("threads disagree");
                System.out.println(verdict(report));
            }
            threads.shutdown();
            try {
                yinxin.verifyAt(new byte[] {1}, "yesterday");
                throw new AssertionError("a wrong time was taken");
            } catch (Yinxin.CallException e) {
                if (e.code != 2) throw e;
            }
        }
    }

    private static String verdict(String report) {
        int at = report.indexOf("\"verdict\":\"") + 11;
        return report.substring(at, report.indexOf('"', at));
    }
}
