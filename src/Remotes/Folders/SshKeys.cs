using System.Security.Cryptography;
using LmmRec.Artifacts;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace LmmRec.Remotes.Folders;

/// <summary>What an SSH server is shown to be let in: the user's private keys, and a password.</summary>
/// <param name="Files">those that were read, as messages name them</param>
/// <param name="Methods">the ways to be let in, in the order in which they are tried</param>
/// <param name="Unread">keys that could not be read, and why</param>
internal sealed record SshKeys(IReadOnlyList<string> Files, IReadOnlyList<AuthenticationMethod> Methods, IReadOnlyList<string> Unread)
{
    public const string PasswordVariable = "LMMREC_SFTP_PASSWORD", PassphraseVariable = "LMMREC_SFTP_PASSPHRASE";

    // As OpenSSH has them by default, the newer kinds first.
    private static readonly string[] Defaults = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>What was shown, for messages.</summary>
    public string Tried => string.Join(" and ", Files.Append(Methods.Any(method => method is PasswordAuthenticationMethod) ? $"the password of {PasswordVariable}" : null).OfType<string>());

    /// <summary>Reads the keys.</summary>
    /// <param name="user">who is to be let in</param>
    /// <param name="folder">where the user's keys lie, such as <c>~/.ssh</c></param>
    /// <param name="identity">the one key to use; null: those that have a usual name</param>
    /// <param name="environment">gives the password and the keys' passphrase</param>
    /// <exception cref="InvalidInputException">There is nothing to show, or the key that was named cannot be read.</exception>
    public static SshKeys Read(string user, string folder, string? identity, Func<string, string?> environment)
    {
        var (keys, files, unread) = (new List<IPrivateKeySource>(), new List<string>(), new List<string>());
        foreach (var file in identity is not null ? [identity] : Defaults.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            if (Unreadable(file, environment(PassphraseVariable), keys) is not { } why) files.Add(file);
            else if (identity is not null) throw new InvalidInputException($"--identity {file}: {why}");
            else unread.Add($"{file} {why}");
        }
        var methods = new List<AuthenticationMethod>();
        if (keys.Count > 0) methods.Add(new PrivateKeyAuthenticationMethod(user, [.. keys]));
        if (environment(PasswordVariable) is { Length: > 0 } password) methods.Add(new PasswordAuthenticationMethod(user, password));
        return methods.Count > 0 ? new SshKeys(files, methods, unread)
            : throw new InvalidInputException(
                $"there is nothing to log in with: {(unread.Count > 0 ? string.Join("; ", unread) : $"{folder} holds none of {string.Join(", ", Defaults)}")}; name a key with --identity, or set {PasswordVariable}");
    }

    private static string? Unreadable(string file, string? passphrase, List<IPrivateKeySource> keys)
    {
        try
        {
            keys.Add(new PrivateKeyFile(file, passphrase));
            return null;
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            return $"wants a passphrase; set {PassphraseVariable}";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "is not there; name the file of a private key";
        }
        catch (Exception e) when (e is SshException or IOException or UnauthorizedAccessException or InvalidOperationException or NotSupportedException or ArgumentException or CryptographicException)
        {
            return $"cannot be read as a private key{(passphrase is null ? "" : $", or the passphrase of {PassphraseVariable} is not its own")} ({e.Message.TrimEnd('.')})";
        }
    }
}
