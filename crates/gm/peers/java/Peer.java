import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.security.SecureRandom;
import org.bouncycastle.asn1.gm.GMNamedCurves;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.bouncycastle.crypto.engines.SM2Engine;
import org.bouncycastle.crypto.engines.SM4Engine;
import org.bouncycastle.crypto.modes.AEADCipher;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.modes.CCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.SICBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.SM2Signer;

/** BouncyCastle as one process: lines "OPERATION SIZE MILLISECONDS" are answered by calls per second of the thread's CPU time, or "-". */
final class Peer {
    interface Call { void run() throws Exception; }

    static final SecureRandom RANDOM = new SecureRandom();
    static final byte[] MESSAGE = new byte[64];

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            Call call = operation(words[0], Integer.parseInt(words[1]));
            System.out.println(call == null ? "-" : String.valueOf(rate(Double.parseDouble(words[2]), words[0], call)));
            System.out.flush();
        }
    }

    static final java.util.Set<String> WARM = new java.util.HashSet<>();

    static double rate(double milliseconds, String name, Call call) throws Exception {
        // The compiler needs to see an operation for a while.
        for (long end = System.nanoTime() + (WARM.add(name) ? 1_500_000_000L : 0); System.nanoTime() < end; ) call.run();
        call.run();
        for (long calls = 1; ; calls *= 2) {
            long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            for (long i = 0; i < calls; i++) call.run();
            double took = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / 1e9;
            if (took >= milliseconds / 2e3) return calls / took;
        }
    }

    static Call operation(String name, int size) throws Exception {
        var curve = GMNamedCurves.getByName("sm2p256v1");
        var domain = new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
        var d = new BigInteger(240, RANDOM).add(BigInteger.TWO);
        var secret = new ECPrivateKeyParameters(d, domain);
        var open = new ECPublicKeyParameters(domain.getG().multiply(d), domain);
        byte[] data = new byte[size], out = new byte[size + 64], key = new byte[16], iv = new byte[16];
        switch (name) {
            case "sm2_sign": {
                var signer = new SM2Signer();
                signer.init(true, new ParametersWithRandom(secret, RANDOM));
                return () -> { signer.update(MESSAGE, 0, 64); signer.generateSignature(); };
            }
            case "sm2_verify": {
                var signer = new SM2Signer();
                signer.init(true, new ParametersWithRandom(secret, RANDOM));
                signer.update(MESSAGE, 0, 64);
                byte[] signature = signer.generateSignature();
                var verifier = new SM2Signer();
                verifier.init(false, open);
                return () -> {
                    verifier.update(MESSAGE, 0, 64);
                    if (!verifier.verifySignature(signature)) throw new IllegalStateException();
                };
            }
            case "sm2_encrypt": {
                var engine = new SM2Engine();
                engine.init(true, new ParametersWithRandom(open, RANDOM));
                return () -> engine.processBlock(MESSAGE, 0, 64);
            }
            case "sm2_decrypt": {
                var engine = new SM2Engine();
                engine.init(true, new ParametersWithRandom(open, RANDOM));
                byte[] sealed = engine.processBlock(MESSAGE, 0, 64);
                var opening = new SM2Engine();
                opening.init(false, secret);
                return () -> opening.processBlock(sealed, 0, sealed.length);
            }
            case "sm3": {
                var hash = new SM3Digest();
                return () -> { hash.update(data, 0, size); hash.doFinal(out, 0); };
            }
            case "sm4_ecb": {
                var engine = new SM4Engine();
                engine.init(true, new KeyParameter(key));
                return () -> blocks(engine, data, out);
            }
            case "sm4_ctr": {
                var mode = SICBlockCipher.newInstance(new SM4Engine());
                return () -> { mode.init(true, new ParametersWithIV(new KeyParameter(key), iv)); mode.processBytes(data, 0, size, out, 0); };
            }
            case "sm4_cbc_encrypt":
            case "sm4_cbc_decrypt": {
                var mode = CBCBlockCipher.newInstance(new SM4Engine());
                mode.init(name.endsWith("encrypt"), new ParametersWithIV(new KeyParameter(key), iv));
                return () -> blocks(mode, data, out);
            }
            case "sm4_gcm":
                return sealing(GCMBlockCipher.newInstance(new SM4Engine()), data, out);
            case "sm4_ccm":
                return sealing(CCMBlockCipher.newInstance(new SM4Engine()), data, out);
            default:
                return null;
        }
    }

    static void blocks(BlockCipher cipher, byte[] data, byte[] out) {
        for (int at = 0; at < data.length; at += 16) cipher.processBlock(data, at, out, at);
    }

    static Call sealing(AEADCipher mode, byte[] data, byte[] out) {
        byte[] nonce = new byte[12];
        return () -> {
            // It refuses a nonce used twice.
            for (int i = 0; i < 12 && ++nonce[i] == 0; i++) { }
            mode.init(true, new AEADParameters(new KeyParameter(new byte[16]), 128, nonce));
            int made = mode.processBytes(data, 0, data.length, out, 0);
            mode.doFinal(out, made);
        };
    }
}
