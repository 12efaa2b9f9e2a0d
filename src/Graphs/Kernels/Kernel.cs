namespace LmmRec.Graphs.Kernels;

/// <summary>What a kernel takes or gives at one place: its element type, and whether it may be left out.</summary>
internal readonly record struct Slot(ElementType Type, bool Optional = false)
{
    public static readonly Slot Float = new(ElementType.Float32);
    public static readonly Slot Index32 = new(ElementType.Int32);
    public static readonly Slot Index64 = new(ElementType.Int64);

    /// <summary>An input that the kernel does not read: the standard form of the operator or its gradient does.</summary>
    public static Slot Unread(ElementType type) => new(type, Optional: true);
}

/// <summary>
/// An operator's implementation for the CPU. It has no state, so one object serves all sessions and threads. The order in which numbers are
/// added must not depend on threads: same inputs, same bytes. Loops over elements are compiled with AggressiveOptimization: the first steps would
/// otherwise run code that is several times slower, until .NET gets round to compiling it again. Its name is the operator's, in the domain <see cref="Own.Domain"/>.
/// </summary>
internal abstract class Kernel(string name, IReadOnlyList<Slot> inputs, IReadOnlyList<Slot> outputs)
{
    public string Name => name;

    public IReadOnlyList<Slot> Inputs => inputs;

    public IReadOnlyList<Slot> Outputs => outputs;

    /// <summary>Computes all outputs. What it throws becomes the error of the run.</summary>
    public abstract void Compute(KernelContext context);
}
