using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;

namespace LmmRec.Artifacts.Store;

/// <summary>A ticket as others see it.</summary>
internal sealed record StageLockTicket(string Key, long Number, string Text)
{
    internal static readonly JsonSerializerOptions Json = new(Manifest.Json) { WriteIndented = false, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>Who it belongs to; null: it was read before all of it was written.</summary>
    public StageLockOwner? Owner { get; } = Parse(Text);

    private static StageLockOwner? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<StageLockOwner>(text, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A ticket of this process, which alone writes to it. The file stays open: what takes its name later is another one.</summary>
internal sealed class OwnTicket(string key, long number, SafeFileHandle file) : IDisposable
{
    public string Key => key;

    public long Number => number;

    /// <summary>Whether the lock is ours, not merely asked for.</summary>
    public bool IsTaken { get; set; }

    public void Write(StageLockOwner owner)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(owner, StageLockTicket.Json);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.SetLength(file, bytes.Length);
        RandomAccess.FlushToDisk(file); // other machines see what has reached the file server
    }

    public void Dispose() => file.Dispose();
}
