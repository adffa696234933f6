// libkdumpfile's addrxlat on the same tables: what it walks of an x86-64 table is at the same place in an EPT.
#include "peer.h"
#include <libkdumpfile/addrxlat.h>

static addrxlat_status get_page(const addrxlat_cb_t *cb, addrxlat_buffer_t *buffer) {
    const struct memory *m = cb->priv;
    uint64_t page = buffer->addr.addr & ~0xfffull;
    uint64_t offset = page - m->base;
    if (offset >= m->size)
        return ADDRXLAT_ERR_NODATA;
    buffer->addr.addr = page;
    buffer->ptr = m->bytes + offset;
    buffer->size = 4096;
    buffer->byte_order = ADDRXLAT_LITTLE_ENDIAN;
    return ADDRXLAT_OK;
}

static unsigned long read_caps(const addrxlat_cb_t *cb) {
    (void)cb;
    return ADDRXLAT_CAPS(ADDRXLAT_MACHPHYSADDR);
}

// Translates each address; `outputs` gets what it translates to, or all ones.
PEER bool translate(struct memory *m, const uint64_t *addresses, uint64_t count, uint64_t *outputs) {
    addrxlat_ctx_t *context = addrxlat_ctx_new();
    addrxlat_cb_t *callbacks = context ? addrxlat_ctx_add_cb(context) : NULL;
    if (!callbacks)
        return false;
    callbacks->priv = m;
    callbacks->get_page = get_page;
    callbacks->read_caps = read_caps;
    addrxlat_meth_t method = {
        .kind = ADDRXLAT_PGT,
        .target_as = ADDRXLAT_MACHPHYSADDR,
        .param.pgt = {
            .root = {.addr = m->root, .as = ADDRXLAT_MACHPHYSADDR},
            .pf = {.pte_format = ADDRXLAT_PTE_X86_64, .nfields = 5, .fieldsz = {12, 9, 9, 9, 9}},
        },
    };
    for (uint64_t i = 0; i < count; i++) {
        addrxlat_step_t step = {.ctx = context, .meth = &method, .base.addr = addresses[i]};
        addrxlat_status status = addrxlat_walk(&step);
        if (status != ADDRXLAT_OK)
            addrxlat_ctx_clear_err(context);
        outputs[i] = status == ADDRXLAT_OK ? step.base.addr : ~0ull;
    }

    addrxlat_ctx_decref(context);
    return true;
}
