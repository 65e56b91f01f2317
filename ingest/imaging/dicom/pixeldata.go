package dicom

// picture goes past the picture of the top level and notes where it lies.
func (w *walker) picture(h header, implicit bool, end int64) error {
	if w.pixels != nil {
		return w.corrupt("%v: a second picture", h.tag)
	}
	w.pixels = &pixelData{tag: h.tag}
	if h.length == undefined {
		if implicit || !isBytes(h.vr) {
			return w.corrupt("%v has no length and is not in fragments", h.tag)
		}
		spans, err := w.fragments(end)
		w.pixels.fragments = spans
		return err
	}
	w.pixels.value = span{w.at, int64(h.length)}
	return w.skip(h, end)
}

// fragments goes past the fragments of an encapsulated value (PS3.5 A.4), which end with a delimiter.
func (w *walker) fragments(end int64) ([]span, error) {
	var spans []span
	for {
		h, err := w.itemHeader(end)
		if err != nil {
			return nil, err
		}
		if h.tag == sequenceDelimiter {
			return spans, nil
		}
		if h.length == undefined {
			return nil, w.corrupt("a fragment at byte %d has no length", w.at-8)
		}
		spans = append(spans, span{w.at, int64(h.length)})
		if err := w.skip(h, end); err != nil {
			return nil, err
		}
	}
}
