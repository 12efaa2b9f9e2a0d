namespace LmmRec.Artifacts.Steps;

/// <summary>How large a data set is, all splits together.</summary>
public sealed record DatasetSize(long Users, long Items, long Interactions);

/// <summary>What a step takes, counted by the shapes of what it computes: what can be said of it before one like it has run.</summary>
/// <param name="MultiplyAdds">multiplications with an addition each</param>
/// <param name="BytesMoved">between memory and processor</param>
/// <param name="Memory">bytes that it holds at most</param>
/// <param name="Disk">bytes of its artifact</param>
/// <param name="What">what was counted, such as <c>at most 60 epochs of 79 batches</c></param>
public sealed record StepWork(double MultiplyAdds, double BytesMoved, double Memory, double Disk, string What);
