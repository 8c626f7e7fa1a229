package yinxin.peer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ofdrw.core.signatures.SigType;
import org.ofdrw.gm.ses.parse.SESVersion;
import org.ofdrw.gm.ses.parse.VersionParser;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.SignedDataValidateContainer;
import org.ofdrw.sign.verify.container.GBT35275ValidateContainer;
import org.ofdrw.sign.verify.container.SESV1ValidateContainer;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;

/**
 * What ofdrw says of OFD files: {@code VALID FILE} or {@code FAIL FILE reason}, a line each.
 * With {@code --loop N} each file is verified N times after a warm-up of a tenth, and a line
 * {@code RATE FILE verifications-per-second} follows. Exit code 0 if all are valid, else 1.
 */
public final class Verify {
    private Verify() {
    }

    public static void main(String[] args) {
        int loop = 0;
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--loop")) {
                loop = Integer.parseInt(args[++i]);
            } else {
                files.add(Path.of(args[i]));
            }
        }
        boolean good = true;
        for (Path file : files) {
            try {
                verify(file);
                System.out.println("VALID " + file);
                if (loop > 0) {
                    System.out.printf("RATE %s %.1f%n", file, rate(file, loop));
                }
            } catch (Exception | Error e) {
                good = false;
                System.out.println("FAIL " + file + " " + e.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
        System.exit(good ? 0 : 1);
    }

    private static void verify(Path file) throws Exception {
        try (OFDReader reader = new OFDReader(file); OFDValidator validator = new OFDValidator(reader)) {
            validator.setValidator(new ByKind());
            validator.exeValidate();
        }
    }

    private static double rate(Path file, int loop) throws Exception {
        for (int i = 0; i < loop / 10; i++) {
            verify(file);
        }
        long start = System.nanoTime();
        for (int i = 0; i < loop; i++) {
            verify(file);
        }
        return loop / ((System.nanoTime() - start) / 1e9);
    }

    /** Chooses the container by the signature's type and the seal's version; ofdrw leaves this to its user. */
    private static final class ByKind implements SignedDataValidateContainer {
        @Override
        public void validate(SigType type, String algorithm, byte[] content, byte[] value)
                throws org.ofdrw.sign.verify.exceptions.InvalidSignedValueException,
                java.io.IOException, java.security.GeneralSecurityException {
            SignedDataValidateContainer container;
            if (type == SigType.Sign) {
                container = new GBT35275ValidateContainer();
            } else if (VersionParser.parseSES_SignatureVersion(value).getVersion() == SESVersion.v1) {
                container = new SESV1ValidateContainer();
            } else {
                container = new SESV4ValidateContainer();
            }
            container.validate(type, algorithm, content, value);
        }
    }
}
